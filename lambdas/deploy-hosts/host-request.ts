import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import { InvalidInput, LedgerInvalid } from '../domain/errors.ts';
import { ecrHost } from '../domain/partition.ts';
import { requireImage, requireObject } from '../domain/place.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { SentCommand } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import { environmentConfig } from '../promote/new-promotion.ts';

/** Run Command's parameters, with room for the rest of the call ("SendCommand": 64 kB a document). */
const LARGEST_COMPOSE_FILE = 24 * 1_024;

/**
 * What the host's script is asked, but for the action. The compose file is the Ledger's of this moment.
 * @throws LedgerInvalid where the compose file is missing or too large
 */
export async function hostRequest(
  ledger: Ledger,
  clock: Clock,
  config: ConveyorConfig,
  promotion: Promotion,
): Promise<Readonly<Record<string, unknown>>> {
  const { service, environment, version, digest, id } = promotion;
  const { compose, systemd } = config.services[service]?.target ?? {};
  const { region } = environmentConfig(config, environment);
  const common = { schema: 1, service, environment, version, digest, region, promotion: id };
  if (systemd !== undefined) {
    const { bucket, key } = requireObject(promotion.destination);
    const { folder = `/srv/wardnet/${service}`, unit = `wardnet-${service}.service` } = systemd;
    const { keep, health } = systemd;
    const source = { bucket, key, region };
    return { ...common, kind: 'systemd', source, root: folder, unit, keep, ...asked(health) };
  }
  if (compose === undefined)
    throw new InvalidInput(`${service} does not run on hosts`, { data: { service } });
  const { account, repository } = requireImage(promotion.destination);
  const fill = (text: string) =>
    text.replaceAll('{environment}', environment).replaceAll('{service}', service);
  const host = ecrHost(account, region);
  const text = await composeFile(ledger, clock, fill(compose.file));
  return {
    ...common,
    kind: 'compose',
    image: `${host}/${repository}`,
    registry: { host, region, account },
    folder: compose.folder,
    composeFile: { text: Buffer.from(text).toString('base64'), digest: digestOf(text) },
    variable: compose.variable,
    ...(compose.parameters !== undefined && { parameters: fill(compose.parameters) }),
    prune: 'previous',
    ...asked(compose.health),
  };
}

/** The document's only parameter. Base64 has no character that any shell minds. */
export function encodeRequest(request: string, action: SentCommand['action']): string {
  return Buffer.from(JSON.stringify({ ...JSON.parse(request), action })).toString('base64');
}

const asked = (health: { readonly url: string; readonly within: number } | undefined) =>
  health === undefined ? {} : { health: { url: health.url, seconds: health.within } };

async function composeFile(ledger: Ledger, clock: Clock, path: string): Promise<string> {
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
