import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { played } from './support/pipelines.ts';
import {
  type Agent,
  calls,
  INSTALLS,
  newAgent,
  type Run,
  runPipeline,
} from './support/run-pipeline.ts';

/** A legal name of a directory, and everything that a careless script trips over. */
const ODD = `it's "$(touch pwned)" \`touch pwned\` ; touch pwned & $HOME * -rf \\ %q`;

describe.each(played('azure'))(
  'odd values in the image template of %s',
  { timeout: 60_000 },
  (system) => {
    const run = (agent: Agent, parameters: Record<string, string>, more: Partial<Run> = {}) =>
      runPipeline(agent, {
        kind: 'image',
        system,
        without: [...INSTALLS, 'Build and test'],
        parameters: { language: 'python', ...parameters },
        ...more,
      });

    it('arrive as data', () => {
      const agent = newAgent({ [`${ODD}/Dockerfile`]: 'FROM scratch\n', [`${ODD}/main.py`]: '' });

      const ran = run(agent, { context: ODD, dockerfile: `${ODD}/Dockerfile` });

      expect(ran.filter(({ status }) => status !== 0)).toEqual([]);
      const build = calls(agent).find(({ args }) => args[1] === 'build');
      expect(build?.args.slice(-3)).toEqual([
        '--file',
        `${agent.source}/${ODD}/Dockerfile`,
        `${agent.source}/${ODD}`,
      ]);
      for (const place of [agent.source, agent.temp, join(agent.source, ODD)])
        expect(existsSync(join(place, 'pwned')), place).toBe(false);
    });

    it.each([
      ['a line break', '.\n##vso[task.setvariable variable=IMAGE_TAG]1', 'a control character'],
      ['a way out', 'a/../../b', "without '..'"],
      ['a place of the machine', '/etc', "without '..'"],
      ['nothing', '', "without '..'"],
      ['a command to the agent', '##vso[task.prependpath]evil', 'there is no directory'],
    ])('are refused before anything runs: %s', (_, context, says) => {
      const agent = newAgent({ Dockerfile: 'FROM scratch\n' });

      // Azure, too, hands an empty value on as it is.
      const ran = run(agent, { context });

      expect(ran).toHaveLength(1);
      expect(ran[0]).toMatchObject({ step: 'Check the parameters', status: 1 });
      expect(ran[0]?.output).toContain(says);
      expect(ran[0]?.output).not.toContain('##vso[');
      expect(calls(agent)).toEqual([]);
    });

    it('are refused for a Dockerfile as well', () => {
      const agent = newAgent({ Dockerfile: 'FROM scratch\n' });

      expect(run(agent, { dockerfile: '../Dockerfile' })[0]).toMatchObject({ status: 1 });
      expect(run(agent, { dockerfile: 'Dockerfile.not' })[0]?.output).toContain(
        "no Dockerfile at 'Dockerfile.not'",
      );
    });

    it.each(['rust', 'python; true', '', 'none'])(
      'are refused for the language: %j',
      (language) => {
        const agent = newAgent({ Dockerfile: 'FROM scratch\n' });

        if (system === 'azure') expect(() => run(agent, { language })).toThrow('must be one of');
        else
          expect(run(agent, { language })[0]).toMatchObject({
            step: 'Check the parameters',
            status: 1,
          });
        expect(calls(agent)).toEqual([]);
      },
    );

    type Layout = { readonly manifests: { digest: string }[] };

    it.each<[string, (layout: string, index: Layout) => void, RegExp]>([
      [
        'bytes that are not those of the digest',
        (layout, { manifests }) => {
          const file = join(layout, 'blobs/sha256', manifests[0]?.digest.slice(7) ?? '');
          writeFileSync(file, `${readFileSync(file, 'utf8')} `);
        },
        /manifest of the image should be sha256:\w+ and is sha256:\w+/,
      ],
      [
        'two images',
        (layout, { manifests }) =>
          writeFileSync(
            join(layout, 'index.json'),
            JSON.stringify({ manifests: [...manifests, ...manifests] }),
          ),
        /not leave exactly one image/,
      ],
      [
        'a digest that is a path',
        (layout) =>
          writeFileSync(
            join(layout, 'index.json'),
            JSON.stringify({ manifests: [{ digest: 'sha256:../../../x' }] }),
          ),
        /not named by a sha256 digest/,
      ],
    ])('are refused in what the build leaves: %s', (_, spoil, says) => {
      const agent = newAgent({ Dockerfile: 'FROM scratch\n' });
      const layout =
        system === 'azure'
          ? join(agent.temp, 'workspace', 'image')
          : join(agent.temp, 'conveyor', 'layout');

      const ran = run(
        agent,
        {},
        {
          before: (step) => {
            if (step === 'Check the image')
              spoil(layout, JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Layout);
          },
        },
      );

      expect(ran.at(-1)).toMatchObject({ step: 'Check the image', status: 1 });
      expect(ran.at(-1)?.output).toMatch(says);
      expect(calls(agent).map(({ tool }) => tool)).not.toContain('aws');
    });

    it('are refused in what the build leaves: an image of another commit', () => {
      const agent = newAgent({ Dockerfile: 'FROM scratch\n' });
      writeFileSync(
        join(agent.state, 'config'),
        JSON.stringify({ config: { Labels: { 'org.opencontainers.image.revision': 'another' } } }),
      );

      const ran = run(agent, {});

      expect(ran.at(-1)?.output).toContain('do not say revision');
    });
  },
);
