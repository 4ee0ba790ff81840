import type { OpenStore } from '../copy/open-store.ts';
import { readObject } from '../copy/read-object.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { Digest } from '../domain/digest.ts';
import type { Objects, StoredObject } from '../ports/objects.ts';
import { type AdmitPorts, admitRelease } from './admit-release.ts';
import type { inspectTarball } from './inspect-tarball.ts';
import { InvalidArtifact } from './invalid-artifact.ts';
import { judgeUpload, refuse as refusalOf } from './judge-upload.ts';
import type { Upload } from './read-upload.ts';
import { refuse, type TakenIn } from './take-in.ts';

/** CloudTrail names what looks at the release store by this. */
const SESSION = 'conveyor-intake';

export type UploadPorts = AdmitPorts & {
  readonly openStore: OpenStore;
  /** How an upload is looked through: it works outside of this thread, which a simulation has to wait for. */
  readonly inspect: typeof inspectTarball;
};

/**
 * One upload becomes one release, as a push does (`takeIn`). What was uploaded is read once, whole: its digest is what its
 * bytes say, and whether it can be unpacked is found out before anybody promotes it.
 * @throws Unavailable, StoreRefused
 */
export async function takeInUpload(
  ports: UploadPorts,
  config: ConveyorConfig,
  upload: Upload,
): Promise<TakenIn> {
  const { releases, clock } = ports;
  const judged = judgeUpload(config, upload, clock.now());
  if ('refusal' in judged) return refuse(releases, judged.refusal);
  const { service, version, place, stage } = judged;
  const refused = (code: 'artifact' | 'moved-object', reason: string, digest?: string) =>
    refuse(releases, refusalOf(upload, clock.now(), code, reason, digest).refusal);

  const store = await ports.openStore(place, SESSION);
  const object = await store.head(place.key);
  if (object === undefined) return refused('artifact', `${place.key} is not there`);
  const known = await releases.find(service, version);
  // Told again: what was read once need not be read again, and `admitRelease` mends what a first try left undone.
  const digest =
    known !== undefined && known.digest === object.digest
      ? known.digest
      : await inspect(ports, store, object);
  if (typeof digest !== 'string') return refused('artifact', digest.message, object.digest);
  if (object.digest !== undefined && object.digest !== digest)
    return refused('artifact', `${place.key} is ${digest}, and says ${object.digest}`, digest);

  const admitted = await admitRelease(
    ports,
    config,
    {
      schema: 1,
      service,
      version,
      digest,
      source: place,
      pushedAt: object.at,
      seenAt: clock.now().toISOString(),
      announcedBy: upload.announcedBy,
    },
    stage,
  );
  if (admitted.outcome !== 'moved') return admitted;
  const before = admitted.release.digest;
  return refused('moved-object', `${place.key} was ${before}, and is ${digest} now`, digest);
}

async function inspect(
  { clock, inspect: look }: UploadPorts,
  store: Objects,
  object: StoredObject,
): Promise<Digest | InvalidArtifact> {
  try {
    return (await look(readObject(store, object, clock))).digest;
  } catch (error) {
    if (error instanceof InvalidArtifact) return error;
    throw error;
  }
}
