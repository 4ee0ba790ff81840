import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServiceReply, type StoreReply } from '../../../lambdas/board/contract.ts';
import { InvalidInput } from '../../../lambdas/domain/errors.ts';
import { ServiceName, type Version } from '../../../lambdas/domain/names.ts';
import { releaseKey } from '../../../lambdas/domain/release-store.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { bytesWords, countWords } from '../../../lambdas/view/words.ts';
import type { Context } from '../context.ts';
import {
  type Chosen,
  chooseDeployment,
  requirePlatform,
} from '../deployments/choose-deployment.ts';
import { releaseSha } from '../deployments/release-sha.ts';
import { EXIT } from '../exit-codes.ts';
import { done, type Outcome } from '../outcome.ts';
import { parseArgument } from '../parse-argument.ts';
import { openReleaseStore, storeWords } from '../push/open-release-store.ts';
import {
  type Artifact,
  artifactInside,
  type Prepared,
  prepareTarball,
} from '../push/prepare-tarball.ts';
import { releaseFacts } from '../push/release-facts.ts';
import { type Uploaded, uploadRelease } from '../push/upload-release.ts';
import { withSuggestions } from '../suggest.ts';

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly sha?: string;
  readonly path?: string;
  readonly tarball?: string;
}

/** Packs what the build made and puts it into the release store, once per commit. */
export async function push(context: Context, options: Options): Promise<Outcome> {
  const chosen = chooseDeployment(context, options);
  const service = serviceOf(chosen, options);
  const artifact = artifactOf(context, chosen, options);
  const { sha, isDirty } = await releaseSha(context.host, options.sha);
  if (isDirty)
    context.reporter.line(
      `what is here differs from the commit ${sha.slice(0, 12)} that it is pushed as`,
    );
  const scratch = await mkdtemp(join(tmpdir(), 'conveyor-push-'));
  try {
    const known = await askService(context, chosen, service);
    return await pushFrom(context, { scratch, root: chosen.root, artifact, sha, known });
  } catch (error) {
    if (context.host.interrupted.aborted) return interrupted(service, sha);
    throw error;
  } finally {
    context.reporter.clear();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Push {
  readonly scratch: string;
  readonly root: string;
  readonly artifact: Artifact;
  readonly sha: Version;
  readonly known: ServiceReply & { readonly store: StoreReply };
}

async function pushFrom(context: Context, push: Push): Promise<Outcome> {
  const { known, sha, artifact, root, scratch } = push;
  const { host } = context;
  // Before the tree is packed: a key that is missing is told at once.
  const store = openReleaseStore(known.store, host.env);
  const tarball = await prepareTarball(artifact, root, scratch, host.interrupted);
  const facts = releaseFacts(host.env, sha, tarball, known.you.principal);
  const key = releaseKey(known.service, sha);
  return told(push, tarball, key, await uploadRelease(context, store, key, tarball, facts));
}

function told({ known, sha }: Push, tarball: Prepared, key: string, uploaded: Uploaded): Outcome {
  const { contentDigest, bytes, entries } = tarball;
  const { outcome, digest } = uploaded;
  const { service, store, stages } = known;
  const at = `${storeWords(store)}/${key}`;
  const size = `${bytesWords(bytes)}, ${countWords(entries, 'entry', 'entries')}, ${digest}`;
  const words = {
    pushed: `pushed ${service} ${sha}: ${size}\nto ${at}`,
    'already-there': `${service} ${sha} was pushed already: ${size}\nat ${at}`,
    'same-content': `${service} ${sha} was pushed already, with the same content in other bytes: ${digest}\nat ${at}`,
  };
  const [first] = stages;
  return done(
    { service, version: sha, digest, contentDigest, bytes, entries, store, key, outcome },
    words[outcome],
    first === undefined ? [] : [NEXT.deploy(service, first, sha)],
  );
}

function serviceOf({ file }: Chosen, { service }: Options): ServiceName {
  const named = service ?? file?.says.service;
  if (named !== undefined) return parseArgument(ServiceName, named, '<service>');
  throw new InvalidInput('which service this is cannot be told: there is no deployments/ here', {
    fix: 'Run it in the service’s repository, name the service, or write the files: conveyor init --service',
  });
}

/** Flags first, from where the command runs; then what the repository says, from its root. */
function artifactOf({ host }: Context, chosen: Chosen, { path, tarball }: Options): Artifact {
  if (path !== undefined) return { path: resolve(host.cwd, path) };
  if (tarball !== undefined) return { tarball: resolve(host.cwd, tarball) };
  const { file } = chosen;
  if (file?.says.artifact.image !== undefined)
    throw new InvalidInput(
      `${file.file} names the image ${file.says.artifact.image}, which is pushed to its registry`,
      {
        data: { file: file.file },
        fix: 'Push it with docker; then: conveyor deploy --version <build>',
      },
    );
  if (chosen.file !== undefined) return artifactInside(chosen.root, chosen.file.says.artifact);
  throw new InvalidInput('what to push cannot be told: there is no deployments/ here', {
    fix: 'Name it: --path <folder> or --tarball <file>',
  });
}

async function askService(
  context: Context,
  { file }: Chosen,
  service: ServiceName,
): Promise<Push['known']> {
  const api = await context.api();
  const known = await withSuggestions(context, { service }, () =>
    api.get(ServiceReply, `/services/${service}`),
  );
  if (file !== undefined) requirePlatform(file, known.platform);
  const { store } = known;
  if (store !== undefined) return { ...known, store };
  throw new InvalidInput(`${service} is promoted as an image, which is pushed to its registry`, {
    data: { service },
    fix: 'Push the image with its own tools; Conveyor sees it there.',
  });
}

const interrupted = (service: ServiceName, sha: Version): Outcome => ({
  exit: EXIT.interrupted,
  error: { code: 'Interrupted', message: `${service} ${sha} was not pushed to its end` },
  next: [NEXT.push(service, sha)],
});
