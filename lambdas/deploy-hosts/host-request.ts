import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import { LedgerInvalid } from '../domain/errors.ts';
import { hostsOf } from '../domain/hosts-of.ts';
import { fillNames } from '../domain/ledger-place.ts';
import { ecrHost } from '../domain/partition.ts';
import { requireImage, requireObject } from '../domain/place.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { PublishedTarget } from '../domain/provision-run.ts';
import type { SentCommand } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import { environmentConfig } from '../promote/new-promotion.ts';

/** Run Command's parameters, with room for the rest of the call ("SendCommand": 64 kB a document). */
const LARGEST_COMPOSE_FILE = 24 * 1_024;

/**
 * What the host's script is asked, but for the action. The compose file is the Ledger's of this moment; folder and unit are
 * what conveyor.yaml names, else where provisioning says that it put them, else where it would.
 * @param published undefined where provisioning has published nothing of the service
 * @throws LedgerInvalid where the compose file is missing or too large; InvalidInput where the service is on no hosts
 */
export async function hostRequest(
  ledger: Pick<Ledger, 'read'>,
  clock: Clock,
  config: ConveyorConfig,
  promotion: Promotion,
  published?: PublishedTarget,
): Promise<Readonly<Record<string, unknown>>> {
  const { service, environment, version, digest, id } = promotion;
  const { region } = environmentConfig(config, environment);
  const { kind, target } = hostsOf(config, service);
  const common = {
    ...{ schema: 1, service, environment, version, digest, region, promotion: id },
    ...(target.cleanup !== undefined && { cleanup: target.cleanup }),
  };
  if (kind === 'systemd') {
    const { bucket, key } = requireObject(promotion.destination);
    const { folder = published?.folder ?? `/srv/wardnet/${service}` } = target;
    const { unit = published?.unit ?? `wardnet-${service}.service`, keep, health } = target;
    const source = { bucket, key, region };
    return { ...common, kind, source, root: folder, unit, keep, ...asked(health) };
  }
  const { account, repository } = requireImage(promotion.destination);
  const host = ecrHost(account, region);
  const text = await composeFile(ledger, clock, fillNames(target.file, promotion));
  const { folder, variable, parameters, health } = target;
  return {
    ...common,
    kind,
    image: `${host}/${repository}`,
    registry: { host, region, account },
    folder,
    composeFile: { text: Buffer.from(text).toString('base64'), digest: digestOf(text) },
    variable,
    ...(parameters !== undefined && { parameters: fillNames(parameters, promotion) }),
    prune: 'previous',
    ...asked(health),
  };
}

/** The document's only parameter. Base64 has no character that any shell minds. */
export function encodeRequest(request: string, action: SentCommand['action']): string {
  return Buffer.from(JSON.stringify({ ...JSON.parse(request), action })).toString('base64');
}

const asked = (health: { readonly url: string; readonly within: number } | undefined) =>
  health === undefined ? {} : { health: { url: health.url, seconds: health.within } };

async function composeFile(
  ledger: Pick<Ledger, 'read'>,
  clock: Clock,
  path: string,
): Promise<string> {
  const { files } = await ledger.read([path], clock.now());
  const text = files.get(path);
  if (text === undefined)
    throw new LedgerInvalid(`the Ledger has no file ${path}`, {
      data: { path },
      fix: `Add ${path} to the Ledger, or correct the target's file in conveyor.yaml.`,
    });
  if (Buffer.byteLength(text) > LARGEST_COMPOSE_FILE)
    throw new LedgerInvalid(`${path} has more than 24 kB; a command cannot carry it`, {
      data: { path, bytes: Buffer.byteLength(text) },
      fix: 'Move what is large out of the compose file.',
    });
  return text;
}
