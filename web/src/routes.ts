/** Which page an address means. */
export type Route =
  | { name: 'media' | 'missing'; open: false }
  | { name: 'recording'; id: string; open: false }
  /** Shown without signing in. */
  | { name: 'signin'; open: true };

export function route(path: string): Route {
  const id = /^\/recording\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined) return { name: 'recording', id: decode(id), open: false };
  if (path === '/login' || path === '/welcome') return { name: 'signin', open: true };
  return { name: path === '/' ? 'media' : 'missing', open: false };
}

/** A damaged escape is taken as it stands: the server then says that there is no such recording. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
