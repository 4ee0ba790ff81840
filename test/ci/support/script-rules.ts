import type { Job, Kind, Step, System } from './pipelines.ts';

type Script = Step & { readonly script: string };

export const scriptsOf = (jobs: readonly Job[]): readonly Script[] =>
  jobs.flatMap(({ steps }) => steps.filter((step): step is Script => step.script !== undefined));

/** What no script may hold, and why. */
const NEVER: readonly (readonly [RegExp, string])[] = [
  [/\$\[/, 'has a runtime expression in its text'],
  [/\|\|\s*(?:true|:|exit 0)(?:\s|$)/m, 'lets a failure pass'],
  [/\bset \+/, 'switches a safety of the shell off'],
  [/\bset -\w*x/, 'prints what it runs'],
  [/\beval\b/, 'evaluates text'],
  [/\blatest\b/, 'speaks of latest'],
  [/\bnpx\b|npm (?:install|exec) (?!--)/, 'takes a package from npm by its name'],
  [/\bdocker (?:push|tag|login)\b|--push\b|\s--tag\b|\s-t\s/, 'names an image in a way of its own'],
  [
    /(?:^|[;&|(\s])(?:IMAGE_TAG\+?=|(?:read|unset|declare|typeset|local|mapfile|printf -v)\s[^\n"'$]*\bIMAGE_TAG\b)/m,
    'sets the tag',
  ],
  [
    /\$\{?AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)=/,
    'handles a key of AWS itself',
  ],
  [/(?:echo|printf)[^\n]*\$\{?\w*(?:PASSWORD|SECRET|TOKEN|CREDENTIAL)/i, 'prints a secret'],
  [
    /get-login-password(?![^\n]*\| [^\n]*--password-stdin)/,
    'lets the password of the registry out',
  ],
  [/curl(?![^\n]*--proto '=https')/, 'downloads without insisting on https'],
  [/trivy" (?!filesystem|image)/, 'runs Trivy in a way of its own'],
  [/trivy"[^\n]* --(?:ignore|skip|vex|config|exit-code 0)/, 'weakens a scan'],
];

/** A tool that judges, pushes or signs sees what its step names, and no other variable of the pipeline. */
const FORGETS = '    *) unset -v "$name" ;;\n  esac\ndone < <(compgen -e)\n';

/** The name of a registry's image is followed by nothing but its digest, and the tag comes from one variable. */
const CRANE: Readonly<Record<string, RegExp>> = {
  push: /^"\$LAYOUT_DIRECTORY" "\$image@\$digest"$/,
  tag: /^"\$image@\$digest" "\$IMAGE_TAG"; then$/,
  auth: /^login --username AWS --password-stdin "\$ECR_REGISTRY"$/,
};

const TAG: Readonly<Record<System, string>> = {
  azure: '$(Build.BuildId)',
  github: '$' + '{{ github.run_id }}',
};

export function judgeScripts(jobs: readonly Job[], kind: Kind, system: System): string[] {
  const scripts = scriptsOf(jobs);
  return [
    ...scripts.flatMap((step) =>
      judgeScript(step, system).map((breach) => `${step.name}: ${breach}`),
    ),
    ...scripts
      .filter(({ env }) => env.IMAGE_TAG !== undefined && env.IMAGE_TAG !== TAG[system])
      .map(({ name, env }) => `${name}: the tag is ${env.IMAGE_TAG}`),
    ...judgeOrder(scripts, kind),
  ];
}

function judgeScript({ script, uses }: Script, system: System): string[] {
  const found = NEVER.filter(([pattern]) => pattern.test(script)).map(([, breach]) => breach);
  if (!script.startsWith('set -euo pipefail\n'))
    found.push('does not begin with set -euo pipefail');
  // The agent puts the value of a variable of that name there, and a pipeline may name its variables as it likes.
  if (system === 'azure' && script.includes('$('))
    found.push('has what the agent takes for a macro');
  if (uses === 'AWSShellScript@1' && script.length > 5000)
    found.push('is longer than AWSShellScript takes');
  if (/(?:trivy|crane|cosign)"|\baws /.test(script) && !script.includes(FORGETS))
    found.push('keeps variables that it was not given');
  for (const [, verb = '', rest = ''] of script.matchAll(/"\$crane" (\w+) (.*)$/gm))
    if (CRANE[verb]?.test(rest) !== true) found.push(`runs crane ${verb} ${rest}`);
  for (const [line] of script.matchAll(/^.*trivy" (?:filesystem|image).*$/gm))
    if (!judgesItsFindings(line)) found.push('scans without failing on what it finds');
  return found;
}

/** The SBOM is no scan; any other call of Trivy is, and must be the condition that the step fails by. */
const judgesItsFindings = (line: string) =>
  line.includes('--format cyclonedx') ||
  (/^if ! /.test(line.trim()) &&
    line.includes(' --exit-code 1 ') &&
    line.includes(' --severity HIGH,CRITICAL ') &&
    line.includes(' --scanners vuln,secret '));

const ORDER: Readonly<Record<Kind, readonly (readonly [string, RegExp])[]>> = {
  image: [
    ['the scan of the source', /trivy" filesystem/],
    ['the build', /case "\$LANGUAGE" in\n {2}dotnet\)/],
    ['docker build', /docker buildx build/],
    ['the check of the image', /index\.json/],
    ['the scan of the image', /trivy" image --input "\$LAYOUT_DIRECTORY" --scanners/],
    ['the SBOM', /--format cyclonedx/],
    [
      'the push',
      /"\$crane" push[\s\S]*"\$cosign" sign[\s\S]*"\$cosign" attest[\s\S]*"\$crane" tag/,
    ],
  ],
  tarball: [
    ['the scan of the source', /trivy" filesystem/],
    ['the build', /case "\$LANGUAGE" in\n {2}dotnet\)/],
    ['the push', /conveyor\.mjs" push/],
    ['the deployment', /conveyor\.mjs" deploy/],
  ],
};

function judgeOrder(scripts: readonly Script[], kind: Kind): string[] {
  const places = ORDER[kind].map(([what, pattern]) => ({
    what,
    at: scripts.findIndex(({ script }) => pattern.test(script)),
  }));
  const missing = places.filter(({ at }) => at < 0).map(({ what }) => `${what} is missing`);
  const late = places.flatMap(({ what, at }, i) => {
    const before = places[i - 1];
    return before !== undefined && at >= 0 && before.at > at
      ? [`${what} comes before ${before.what}`]
      : [];
  });
  return [...missing, ...late];
}
