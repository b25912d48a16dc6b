/** The small markup of the guide, so that translators write text and no code. */
export type Inline =
  { kind: 'text' | 'bold' | 'italic'; text: string } | { kind: 'link'; text: string; to: string };
export type Block =
  | { kind: 'head'; text: Inline[] }
  | { kind: 'text'; text: Inline[] }
  | { kind: 'list'; items: Inline[][] }
  | { kind: 'steps'; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

/** `**bold**`, `*italic*`, `[text](to)`. */
export function inline(text: string): Inline[] {
  const found: Inline[] = [];
  const pattern = /\*\*(.+?)\*\*|\*(.+?)\*|\[(.+?)\]\((.+?)\)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) found.push({ kind: 'text', text: text.slice(at, match.index) });
    const [whole, bold, italic, label, to] = match;
    if (bold !== undefined) found.push({ kind: 'bold', text: bold });
    else if (italic !== undefined) found.push({ kind: 'italic', text: italic });
    else found.push({ kind: 'link', text: label ?? '', to: to ?? '' });
    at = match.index + whole.length;
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) });
  return found;
}

const cells = (line: string): Inline[][] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => inline(cell.trim()));

/** Blocks are parted by blank lines; what a block is its first characters say. */
export function blocks(text: string): Block[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((part): Block => {
      const lines = part.split('\n').map((line) => line.trim());
      const first = lines[0] ?? '';
      if (first.startsWith('## ')) return { kind: 'head', text: inline(first.slice(3)) };
      if (first.startsWith('- ')) return { kind: 'list', items: lines.map((line) => inline(line.slice(2))) };
      if (/^\d+\. /.test(first))
        return { kind: 'steps', items: lines.map((line) => inline(line.replace(/^\d+\. /, ''))) };
      if (first.startsWith('|'))
        return { kind: 'table', head: cells(first), rows: lines.slice(1).map(cells) };
      return { kind: 'text', text: inline(lines.join(' ')) };
    });
}
