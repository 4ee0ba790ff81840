import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { type ComposeDesk, openComposeDesk, ROLE_KEYS } from './compose-desk.ts';
import { ComposeHost, type Tools } from './compose-host.ts';

const PATH = '/forge/prod/dagster';

const HARMLESS: Readonly<Record<string, string>> = {
  PLAIN: 'postgres://db.internal:5432/x?sslmode=require',
  EMPTY: '',
  // A regular expression's $ would let it pass for nothing.
  NEWLINE: '\n',
  TRAILING: 'a\n',
  SPACES: '  two  words ',
  HASH: 'a # is no comment',
  DOLLAR: 'p$5 and $HOME',
  DOUBLE: '"quoted"',
  SINGLE: "it's",
  BOTH: `it's "$5"`,
  BACKSLASH: String.raw`C:\new\table`,
  KEY: '-----BEGIN KEY-----\nMII/+=\n-----END KEY-----\n',
  UNICODE: 'žluťoučký 🐎',
  SUBSTITUTION: '$(touch canary) `touch canary`',
  JSON: '{"a":["b",1]}',
};

let desk: ComposeDesk;
beforeAll(async () => {
  desk = await openComposeDesk();
});
beforeEach(() => {
  desk.parameters.clear();
});
afterAll(() => desk.close());

describe.each<Tools>(['docker-compose', 'plugin'])('forge-refresh-env, read by %s', (tools) => {
  let host: ComposeHost;
  beforeAll(async () => {
    host = await ComposeHost.start({}, tools);
    const command = join(host.root, 'forge-refresh-env');
    await writeFile(command, readFileSync('infra/documents/forge-refresh-env'), { mode: 0o755 });
  });
  afterAll(() => host.close('localhost:1'));

  /** Runs the command by itself; what it says on both outputs. */
  function refresh(file = 'env', ...more: string[]): Promise<string> {
    return host.sh(
      `export AWS_ENDPOINT_URL="$1" AWS_EC2_METADATA_SERVICE_ENDPOINT="$1"; shift; "$0" "$@" 2>&1; echo "exit $?"`.replace(
        '"$0"',
        `"${host.root}/forge-refresh-env"`,
      ),
      ...[desk.endpoint, '--path', PATH, '--file', join(host.root, file), ...more],
    );
  }

  /** What compose makes of the file: the environment that it would give a container. */
  async function asComposeReadsIt(): Promise<Record<string, string>> {
    const command = tools === 'plugin' ? 'docker compose' : 'docker-compose';
    // As JSON where it can: docker compose writes a lone newline into YAML so that it is lost.
    const told = await host.sh(
      `cd "$1" && printf "version: '3.7'\nservices:\n  a:\n    image: x\n    env_file: env\n" >docker-compose.yml
       told=$(${command} config --format json 2>/dev/null) && [ -n "$told" ] || told=$(${command} config)
       printf '%s' "$told"`,
      host.root,
    );
    const { parse } = await import('yaml');
    const found = parse(told).services.a.environment ?? {};
    return Object.fromEntries(
      // `config` writes a composition: a dollar is doubled there.
      Object.entries(found).map(([name, value]) => [
        name,
        String(value ?? '').replaceAll('$$', '$'),
      ]),
    );
  }

  function give(values: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(values))
      desk.parameters.set(`${PATH}/${name}`, value);
  }

  it('writes what compose reads as it was given: quotes, newlines, $, #, unicode', async () => {
    give(HARMLESS);

    expect(await refresh()).toBe('exit 0\n');
    expect(await asComposeReadsIt()).toEqual(HARMLESS);
  });

  it('takes the parameters directly below the path, and nobody else’s', async () => {
    give({ A: '1', 'nested/B': '2' });
    desk.parameters.set(`${PATH}-other/C`, '3');

    await refresh();

    expect(await asComposeReadsIt()).toEqual({ A: '1' });
  });

  it('makes a file of its owner’s only, from its first byte, and leaves one that is right alone', async () => {
    give({ A: '1' });
    await refresh('fresh');
    const made = await host.sh(`stat -c '%a %U %i' "$1/fresh"`, host.root);
    await refresh('fresh');

    expect(made).toMatch(/^600 root /);
    expect(await host.sh(`stat -c '%a %U %i' "$1/fresh"`, host.root)).toBe(made);
    await host.sh('chmod 644 "$1/fresh"', host.root);
    await refresh('fresh');
    expect(await host.sh(`stat -c %a "$1/fresh"`, host.root)).toBe('600\n');
  });

  it.for([
    ['BELL', 'a\u0007b'],
    ['CARRIAGE', 'a\r\nb'],
    ['TANGLED', `it's\\\n"$"`],
    ['not-a-name', 'x'],
  ] as const)(
    'refuses %s by its name, never by its value, and leaves the file',
    async ([name, value]) => {
      give({ A: 'as-it-was' });
      await refresh();
      give({ [name]: `${value}-do-not-tell` });

      const said = await refresh();

      expect(said).toMatch(`${PATH}/${name}`);
      expect(said).toMatch('exit 1');
      expect(said).not.toMatch('do-not-tell');
      expect(await asComposeReadsIt()).toEqual({ A: 'as-it-was' });
    },
  );

  it('says which call failed and what AWS calls the error', async () => {
    give({ A: '1' });
    desk.throttle = 20;

    const said = await refresh();
    desk.throttle = 0;

    expect(said).toMatch(
      `forge-refresh-env: the parameters below ${PATH} could not be read: ThrottlingException\nexit 1\n`,
    );
  });

  it('says so where the path has no parameters', async () => {
    expect(await refresh()).toMatch(/there is no parameter below .*exit 1/s);
  });

  it('takes the region of the host unless told', async () => {
    give({ A: '1' });

    expect(await refresh('region', '--region', 'eu-central-1')).toBe('exit 0\n');
    expect(await refresh('region', '--region', 'us-west-2')).toMatch('InvalidSignatureException');
  });

  it('keeps the role’s keys out of what other processes see', async () => {
    give({ A: '1' });
    const watching = host.sh(
      `end=$(($(date +%s) + 6)); while [ "$(date +%s)" -lt "$end" ]; do cat /proc/[0-9]*/cmdline 2>/dev/null; done | tr '\\0' '\\n'`,
    );
    for (let times = 0; times < 3; times++) await refresh();

    const seen = await watching;
    expect(seen).toMatch('GetParametersByPath');
    for (const secret of Object.values(ROLE_KEYS)) expect(seen).not.toMatch(secret);
  });

  it('never writes a file that compose reads otherwise, whatever the values are', async () => {
    const part = fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '${',
      '}',
      '#',
      ' ',
      '\n',
      'a',
      '=',
      '$$',
      '`',
      'é',
    );
    const value = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    const many = fc.array(value, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(many, async (values) => {
        desk.parameters.clear();
        give(Object.fromEntries(values.map((one, at) => [`V${at}`, one])));
        // What cannot be written is left out, one refusal after the other, until all that is left can be.
        for (let tries = 0; tries < 12; tries++) {
          const refused = [...(await refresh()).matchAll(/(\/forge\S+) holds/g)];
          if (refused.length === 0) break;
          for (const [, name = ''] of refused) desk.parameters.delete(name);
        }
        if (desk.parameters.size === 0) return;
        const given = [...desk.parameters].map(([name, one]) => [name.slice(PATH.length + 1), one]);
        expect(await asComposeReadsIt()).toEqual(Object.fromEntries(given));
      }),
      { numRuns: effort(4, 60), seed: 20261122, endOnFailure: true },
    );
  });
});
