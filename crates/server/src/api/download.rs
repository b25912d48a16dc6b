//! Files as answers: bytes on their way, a few pieces at a time, so that a file of any size takes little memory and a
//! slow reader slows its writer down. A file that breaks off breaks the connection: nobody takes a part for the whole.

use crate::error::{ApiError, ApiResult, Code, chain};
use crate::jobs::ExportFile;
use crate::sheet::{self, Form, Head, Options, Sheet, SheetError};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use std::io::{Error, ErrorKind, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Size of a piece. With [`PIECES`] on their way a download holds some 320 KiB.
pub const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for the reader.
const PIECES: usize = 4;
/// How long a reader may take nothing. Its writer holds a thread (there are 512) and maybe a snapshot.
const STALL: Duration = Duration::from_secs(60);
/// Characters of a file's name, before the dot.
const NAME_CHARS_MAX: usize = 80;

enum Piece {
    Bytes(Bytes),
    End,
    Failed(SheetError),
}

/// The writing end.
pub struct Pipe {
    to: mpsc::Sender<Piece>,
    buffer: Vec<u8>,
    /// The table has failed: what its writers still hold when they are dropped is not sent.
    failed: Arc<AtomicBool>,
}

impl Pipe {
    fn send(&self, piece: Piece) -> std::io::Result<()> {
        use mpsc::error::SendTimeoutError::{Closed, Timeout};
        Handle::current().block_on(self.to.send_timeout(piece, STALL)).map_err(|refused| match refused {
            Closed(_) => Error::new(ErrorKind::BrokenPipe, "the reader has gone away"),
            Timeout(_) => Error::new(ErrorKind::TimedOut, "the reader takes nothing"),
        })
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = PIECE_BYTES - self.buffer.len();
        let taken = bytes.len().min(room);
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == PIECE_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        if self.buffer.is_empty() || self.failed.load(Ordering::Relaxed) {
            self.buffer.clear();
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE_BYTES));
        self.send(Piece::Bytes(piece.into()))
    }
}

/// The reading end: a body. It ends well only after its writer said so; a writer that dies breaks it.
struct Pieces {
    first: Option<Piece>,
    from: mpsc::Receiver<Piece>,
    ended: bool,
    /// Bytes there will be, where that is known.
    size: Option<u64>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => std::task::ready!(self.from.poll_recv(cx)),
        };
        Poll::Ready(match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::End) => {
                self.ended = true;
                None
            }
            Some(Piece::Failed(error)) => Some(Err(Error::other(error))),
            None => Some(Err(ErrorKind::UnexpectedEof.into())),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.size.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// A table as an answer. `write` runs on a thread of its own. Call this where waiting is allowed ([`App::report`]): it
/// returns when the first bytes are there, so that what fails at once is still a problem with a status.
///
/// # Errors
/// When nothing can be written at all.
///
/// [`App::report`]: crate::app::App::report
pub fn table(
    form: Form,
    head: Head,
    options: Options,
    write: impl FnOnce(&mut Sheet<Pipe>) -> Result<(), SheetError> + Send + 'static,
) -> ApiResult<Response> {
    let (to, mut from) = mpsc::channel(PIECES);
    let disposition = disposition(&head.title, form);
    let work = move || {
        let failed = Arc::new(AtomicBool::new(false));
        let pipe = Pipe { to: to.clone(), buffer: Vec::with_capacity(PIECE_BYTES), failed: failed.clone() };
        let written = sheet::open(form, pipe, &head, &options).and_then(|mut sheet| {
            write(&mut sheet).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            sheet.finish()
        });
        match written {
            // Nobody reads any more, or it reads until here.
            Ok(pipe) => drop(pipe.send(Piece::End)),
            Err(SheetError::Write(gone)) if gone.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => {
                tracing::warn!(cause = chain(&error), form = form.word(), "a table broke off on its way");
                drop(to.blocking_send(Piece::Failed(error)));
            }
        }
    };
    Handle::current().spawn_blocking(work);
    let first = match from.blocking_recv() {
        Some(Piece::Failed(error)) => return Err(refusal(error)),
        None => return Err(ApiError::internal("a table's writer has ended without a word")),
        first => first,
    };
    let headers = [(header::CONTENT_TYPE, form.content_type()), (header::CONTENT_DISPOSITION, &*disposition)];
    Ok((headers, Body::new(Pieces { first, from, ended: false, size: None })).into_response())
}

/// A finished file as an answer.
pub fn file(file: ExportFile) -> Response {
    let (to, from) = mpsc::channel(PIECES);
    let (form, size) = (file.form, file.bytes);
    let disposition = disposition(&file.title, form);
    tokio::spawn(async move {
        if let Err(error) = read(Arc::new(file), &to).await {
            tracing::warn!(cause = chain(&error), "a file broke off on its way");
            // Nobody may be there any more; dropping the sender breaks the body all the same.
            let _ = to.send_timeout(Piece::Failed(SheetError::Write(error)), STALL).await;
        }
    });
    let headers = [
        (header::CONTENT_TYPE, form.content_type()),
        (header::CONTENT_DISPOSITION, &*disposition),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::new(Pieces { first: None, from, ended: false, size: Some(size) })).into_response()
}

/// Sends a file piece by piece; no thread waits for the reader.
async fn read(file: Arc<ExportFile>, to: &mpsc::Sender<Piece>) -> std::io::Result<()> {
    let mut offset = 0;
    while offset < file.bytes {
        let of = file.clone();
        let piece = tokio::task::spawn_blocking(move || of.read_at(offset, PIECE_BYTES)).await;
        let piece = piece.map_err(Error::other)?.map_err(Error::other)?;
        if piece.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        offset += piece.len() as u64;
        match to.send_timeout(Piece::Bytes(piece.into()), STALL).await {
            Ok(()) => {}
            Err(mpsc::error::SendTimeoutError::Closed(_)) => return Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Err(ErrorKind::TimedOut.into()),
        }
    }
    // The reader may have gone away with the last piece.
    let _ = to.send_timeout(Piece::End, STALL).await;
    Ok(())
}

fn refusal(error: SheetError) -> ApiError {
    match error {
        SheetError::Write(full) if matches!(full.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            ApiError::new(Code::DiskFull)
        }
        other => ApiError::internal(other),
    }
}

/// `attachment`, with a name made from a title that is safe everywhere: ASCII letters, digits, `-` and `_`.
pub fn disposition(title: &str, form: Form) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(NAME_CHARS_MAX);
    let name = match name.trim_end_matches('-') {
        "" => "playhead",
        name => name,
    };
    format!("attachment; filename=\"{name}.{}\"", form.extension())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::sheet::{Cell, Column, Kind};

    #[test]
    fn names_are_safe() {
        for (title, name) in [
            ("Viewers of Week 4: Membranes", "Viewers-of-Week-4-Membranes.csv"),
            ("../../etc/passwd", "etc-passwd.csv"),
            ("a\"; filename=\"evil.exe\r\nX: y", "a-filename-evil-exe-X-y.csv"),
            ("講義", "playhead.csv"),
            ("Ü ber", "ber.csv"),
            (".hidden", "hidden.csv"),
            ("", "playhead.csv"),
        ] {
            assert_eq!(disposition(title, Form::Csv), format!("attachment; filename=\"{name}\""));
        }
        assert!(disposition(&"x".repeat(500), Form::Xlsx).len() < 120);
    }

    fn head() -> Head {
        Head { columns: vec![Column::new("n", "N", Kind::Whole)], ..Head::default() }
    }

    async fn answer(
        write: impl FnOnce(&mut Sheet<Pipe>) -> Result<(), SheetError> + Send + 'static,
    ) -> ApiResult<Response> {
        let options = Options { definitions: false, ..Options::default() };
        tokio::task::spawn_blocking(move || table(Form::Csv, head(), options, write)).await.unwrap()
    }

    #[tokio::test]
    async fn a_long_table_arrives_as_it_was_written() {
        let rows = 200_000;
        let answer = answer(move |sheet| (0..rows).try_for_each(|n| sheet.row(&[Cell::Whole(n)]))).await.unwrap();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 30).await.unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(text.lines().count() as i64, rows + 1);
        assert!(text.ends_with("\r\n199999\r\n"));
    }

    #[tokio::test]
    async fn a_table_that_breaks_off_breaks_the_body() {
        let long = |sheet: &mut Sheet<Pipe>| (0..100_000).try_for_each(|n| sheet.row(&[Cell::Whole(n)]));
        let failing = answer(move |sheet| {
            long(sheet)?;
            Err(SheetError::Encode("a fault".into()))
        });
        assert!(axum::body::to_bytes(failing.await.unwrap().into_body(), 1 << 30).await.is_err());
        let panicking = answer(move |sheet| {
            long(sheet)?;
            panic!("a fault")
        });
        assert!(axum::body::to_bytes(panicking.await.unwrap().into_body(), 1 << 30).await.is_err());
        let at_once = answer(|_| Err(SheetError::Write(ErrorKind::StorageFull.into()))).await.unwrap_err();
        assert_eq!(at_once.code, Code::DiskFull);
    }
}
