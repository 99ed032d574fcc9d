// Files are plain: LF ends every line and the file, no trailing blanks, no tabs in C, valid UTF-8 in NFC.
import { isC } from '../tree.mjs';

export const name = 'text';

const skip = /(^|\/)(corpus|samples|vectors)\/|\.(svg|pem|tsv)$/;

export function check(files) {
  const found = [];
  for (const { file, text } of files) {
    if (skip.test(file) || text === '') continue;
    const tell = (line, says) => found.push({ file, line, says });
    if (!text.endsWith('\n')) tell(text.split('\n').length, 'the last line has no end');
    text.split('\n').forEach((row, i) => {
      if (row.includes('\r')) tell(i + 1, 'a carriage return');
      else if (/[ \t]$/.test(row) && !file.endsWith('.md')) tell(i + 1, 'blanks at the end of the line');
      if (isC(file) && row.includes('\t')) tell(i + 1, 'a tab');
      if (row.includes('\ufffd')) tell(i + 1, 'not UTF-8');
      else if (row.normalize('NFC') !== row && !/normali[sz]|NFD/.test(row) && !file.startsWith('tests/')) tell(i + 1, 'text that is not in NFC');
    });
  }
  return found;
}
