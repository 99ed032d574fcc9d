// Nothing unfinished and nothing of the place it was written at: unfinished-work marks, paths of a developer's machine,
// addresses of package registries. (The patterns are put together from pieces so that this file passes itself.)
export const name = 'words';

const join = (...parts) => parts.join('');
const rules = [
  { pattern: new RegExp(join('\\b(TO', 'DO|FIX', 'ME|XX', 'X|HA', 'CK)\\b')), says: 'a mark of unfinished work: do it, or open an issue' },
  { pattern: new RegExp(join('(^|[^\\w.$}])/(wo', 'rk|home/\\w+|Us', 'ers)/')), says: "a path of somebody's machine" },
  { pattern: new RegExp(join('registry\\.(npm', 'js|yarn', 'pkg)|deb\\.deb', 'ian\\.org|security\\.deb', 'ian\\.org|py', 'pi\\.org|proxy\\.go', 'lang\\.org|node', 'source')), says: 'the address of a package registry' },
  { pattern: new RegExp(join('^(<{7}|>{7}|={7}$)')), says: 'a merge conflict that was not resolved' },
];

const skip = /(^|\/)(corpus|samples|vectors)\/|^LICENSE$|\.(svg|pem)$/;

export function check(files) {
  const found = [];
  for (const { file, text } of files) {
    if (skip.test(file)) continue;
    text.split('\n').forEach((row, i) => {
      for (const { pattern, says } of rules) if (pattern.test(row)) found.push({ file, line: i + 1, says });
    });
  }
  return found;
}
