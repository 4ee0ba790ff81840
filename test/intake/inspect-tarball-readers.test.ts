import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entry, gnuLong, gnuTar, inspect, pax, python, tarball } from './tarballs.ts';

const name = fc.oneof(
  { weight: 9, arbitrary: fc.stringMatching(/^[a-k]{1,3}(\/[a-k]{1,3}){0,3}$/) },
  fc.constantFrom('./a', 'a//b', './', 'ü', ' ', '-', 'a/', '@', "'"),
);
const content = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 20 }),
  fc.constant('x'.repeat(700)),
);
const magic = fc.constantFrom('ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0\0\0');
const odd = <T>(usual: T, strange: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, strange);

const file = fc
  .record({
    name,
    content,
    magic,
    type: odd('0', fc.constantFrom('\0', '7', '5', 'A')),
    prefix: odd('', name),
    link: odd('', name),
  })
  .map(entry);
const folder = fc
  .record({ name: name.map((path) => `${path}/`), magic, type: fc.constant('5') })
  .map(entry);
const link = fc
  .record({
    name,
    magic,
    type: fc.constantFrom('2', '2', '1'),
    link: name,
    content: odd('', content),
  })
  .map(entry);
const longer = fc
  .tuple(fc.constantFrom('path', 'linkpath', 'L', 'K', 'size', 'g'), name, content)
  .map(([what, text, bytes]) => {
    if (what === 'g') return pax({ comment: text }, 'g');
    if (what === 'L' || what === 'K') return gnuLong(what, text);
    return pax({ [what]: what === 'size' ? String(bytes.length) : text });
  });
const archive = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: file },
    { weight: 2, arbitrary: folder },
    { weight: 2, arbitrary: link },
    { weight: 1, arbitrary: longer },
  ),
  { minLength: 1, maxLength: 6 },
);

it('what is taken in says the same to GNU tar and to Python', async () => {
  const taken: { readonly bytes: Buffer; readonly entries: number; readonly size: number }[] = [];
  for (const parts of fc.sample(archive, 160)) {
    const bytes = tarball(...parts);
    const facts = await inspect(bytes).catch(() => undefined);
    if (facts !== undefined)
      taken.push({ bytes, entries: facts.entries, size: facts.unpackedBytes });
  }
  expect(taken.length, 'tarballs to compare').toBeGreaterThan(15);

  const asPython = readByPython(taken.map(({ bytes }) => bytes));

  for (const [index, { bytes, entries, size }] of taken.entries()) {
    const listed = gnuTar(['-tzf', '-', '--quoting-style=literal'], bytes).toString('utf8');
    const names = listed.split('\n').map(normal).filter(notTheRoot);
    expect(asPython[index], JSON.stringify(names)).toEqual({ names, size });
    expect(names).toHaveLength(entries);
  }
});

interface Listing {
  readonly names: readonly string[];
  readonly size: number;
}

/** All of them in one process, each behind its length. */
function readByPython(tarballs: readonly Buffer[]): Listing[] {
  const framed = tarballs.flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  const script = `
import json, struct
result = []
while True:
  head = sys.stdin.buffer.read(4)
  if not head: break
  data = sys.stdin.buffer.read(struct.unpack('>I', head)[0])
  with tarfile.open(fileobj=io.BytesIO(data), mode='r:gz') as t:
    members = t.getmembers()
  result.append({ 'names': [m.name for m in members], 'size': sum(m.size for m in members if m.isreg()) })
out.write(json.dumps(result).encode())`;
  const listings: Listing[] = JSON.parse(python(script, Buffer.concat(framed)).toString('utf8'));
  return listings.map(({ names, size }) => ({
    names: names.map(normal).filter(notTheRoot),
    size,
  }));
}

const normal = (path: string) =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
const notTheRoot = (path: string) => path !== '';
