import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const gate = readFileSync('.ci/run', 'utf8');
const commandsOf = (markdown: string) =>
  [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );

it('the gate tests the worker of R2 as its README says', () => {
  const [, tests = ''] = readFileSync('examples/r2-worker/README.md', 'utf8').split('\n## Tests\n');
  const commands = commandsOf(tests);

  expect(commands).toHaveLength(2);
  for (const command of commands)
    expect(gate).toMatch(new RegExp(`^gate "[^"]+" (?:nice )?${command}$`, 'm'));
});

it('the gate builds the tools that tests find, and puts them first', () => {
  const made = readFileSync('.ci/install-go-tools', 'utf8');

  expect(gate).toMatch(
    /^begin "go tools" [.]ci\/install-go-tools\n[\s\S]*^settle "go tools"\n[\s\S]*gate "unit"/m,
  );
  expect(gate).toMatch(/^export PATH="\$PWD\/\.ci\/tools\/bin:/m);
  expect([...made.matchAll(/\/cmd\/(\w+)@v[\d.]+$/gm)].map(([, name]) => name)).toEqual([
    'actionlint',
    'versitygw',
  ]);
});
