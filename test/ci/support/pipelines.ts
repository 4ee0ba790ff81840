import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { FULL } from '../../effort.ts';
import { expandTemplate } from './expand-template.ts';

export type Mapping = Readonly<Record<string, unknown>>;

export interface Step {
  /** What a person sees. */
  readonly name: string;
  readonly script?: string;
  /** An action or a task; a script has none, but for AWSShellScript, which has both. */
  readonly uses?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly raw: Mapping;
}

export interface Job {
  /** With the stage before it: `image.build`. GitHub has no stages. */
  readonly id: string;
  readonly steps: readonly Step[];
  readonly raw: Mapping;
}

export type System = 'azure' | 'github';

const AZURE = 'examples/ci/azure';
const GITHUB = 'examples/ci/github/.github/workflows';

export const FILES = {
  image: {
    azure: `${AZURE}/application-ci-pipeline.yml`,
    github: `${GITHUB}/application-ci.yml`,
  },
  tarball: {
    azure: `${AZURE}/ec2-deploy-pipeline.yml`,
    github: `${GITHUB}/release-tarball.yml`,
  },
} as const;

export type Kind = keyof typeof FILES;

export const KINDS: readonly Kind[] = ['image', 'tarball'];
export const SYSTEMS: readonly System[] = ['azure', 'github'];
/** Both play alike: one of them in `npm run test:ci`, both in `npm run test:full`. */
export const played = (one: System): readonly System[] => (FULL ? SYSTEMS : [one]);
export const EVERY = KINDS.flatMap((kind) => SYSTEMS.map((system) => ({ kind, system })));

/** Parameters that both templates accept, so that they can be expanded. */
export const GIVEN: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  image: { language: 'node' },
  tarball: {
    service: 'relay',
    language: 'node',
    cliPackage: './conveyor.tgz',
    cliSha256: '0'.repeat(64),
  },
};

export const load = (file: string) => parse(readFileSync(file, 'utf8')) as Mapping;

export function jobsOf(
  document: Mapping,
  kind: Kind,
  given: Readonly<Record<string, string>> = {},
): readonly Job[] {
  if (document.jobs !== undefined && document.stages === undefined)
    return Object.entries(document.jobs as Record<string, Mapping>).map(([id, raw]) =>
      job(id, raw),
    );

  const { stages } = expandTemplate(document, { ...GIVEN[kind], ...given });
  return (stages as readonly Mapping[]).flatMap((stage) =>
    (stage.jobs as readonly Mapping[]).map((raw) => job(`${stage.stage}.${raw.job}`, raw)),
  );
}

const job = (id: string, raw: Mapping): Job => ({
  id,
  raw,
  steps: ((raw.steps ?? []) as readonly Mapping[]).map(step),
});

function step(raw: Mapping): Step {
  const inputs = (raw.inputs ?? {}) as Mapping;
  const script = raw.bash ?? raw.run ?? inputs.inlineScript;
  const uses = raw.task ?? raw.uses;
  const shorthand = ['checkout', 'publish', 'download'].find((key) => raw[key] !== undefined);
  return {
    name: String(raw.displayName ?? raw.name ?? uses ?? shorthand),
    env: (raw.env ?? {}) as Record<string, string>,
    raw,
    ...(typeof script === 'string' && { script }),
    ...(typeof uses === 'string' && { uses }),
  };
}
