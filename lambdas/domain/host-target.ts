import * as z from 'zod';
import { Duration } from './duration.ts';
import { LedgerKey, LedgerPath } from './ledger-place.ts';
import { Provision } from './provisioning.ts';

/** As many of all hosts, or as large a part of them; at least one. */
const Share = z.union([
  z.int().min(1).max(5_000),
  z.string().regex(/^(?:[1-9]\d?|100)%$/, 'a share is a number of hosts, or a percentage like 25%'),
]);
export type Share = z.infer<typeof Share>;

/** In which order and how many at once, and what a failure means for the others. */
export const Rollout = z.strictObject({
  /** Hosts that go first, alone. 0: none. */
  canary: z.int().min(0).max(50).default(1),
  /** Hosts of a later wave. */
  atOnce: Share.default('25%'),
  /** Hosts that may fail before the rest is spared. */
  maxErrors: z.int().min(0).max(5_000).default(0),
  /** Between two waves. */
  pause: Duration.optional(),
  /** No wave has hosts of two availability zones. */
  perZone: z.boolean().default(false),
  /** Fewer hosts than this are a mistake in the tags, or an outage: nothing is begun. */
  minimum: z.int().min(1).max(5_000).default(1),
  /** How long a host may take, from fetching to healthy. */
  within: Duration.default(900),
  /**
   * Beyond `maxErrors`. `stop`: what was reached keeps the new version, the rest its own. `continue`: all are tried.
   * `rollback`: every host that was reached goes back to the version that it ran before.
   */
  onFailure: z.enum(['stop', 'continue', 'rollback']).default('rollback'),
  /**
   * Hosts that the sweep finds to be new, back, or running something else. `bring`: to what is promoted there. `report`: people
   * are told.
   */
  catchUp: z.enum(['bring', 'report']).default('bring'),
});
export type Rollout = z.infer<typeof Rollout>;

/** Which hosts: EC2 instances of the environment's account with this tag. */
export const HostTag = z
  .string()
  .max(385)
  .regex(
    /^(?!aws:)[\w+.:/@-]{1,128}=[\w+.:/@-]{1,256}$/,
    'hosts are named by a tag and its value, like forge:dagster-enabled=true',
  );

export type HostTag = z.infer<typeof HostTag>;

export const Health = z.strictObject({
  /** Asked by the host itself; any 2xx is healthy. */
  url: z
    .string()
    .max(300)
    .regex(
      /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d{1,5})?\/[\w./~-]*$/,
      'a health check asks the host itself, like http://127.0.0.1:8080/health',
    ),
  /** No longer than the agent lets a script run (`infra/documents/render-document.ts`). */
  within: Duration.refine(
    (seconds) => seconds <= 3_600,
    'a host has an hour to become healthy',
  ).default(60),
});

/** As deep as the host's script takes it. No part begins with a dot or a dash. */
const folder = (deepest: number) =>
  z
    .string()
    .max(200)
    .regex(
      new RegExp(`^(?:/[A-Za-z0-9_][A-Za-z0-9._-]*){2,${deepest}}$`),
      `a folder is absolute and has 2 to ${deepest} parts, like /srv/forge/dagster`,
    )
    .refine((path) => !path.includes('..'), 'a folder has no ..');

const onHosts = {
  hosts: HostTag,
  rollout: Rollout.prefault({}),
  health: Health.optional(),
  /**
   * Run by the host before it goes back to its last good version: an executable below the service's folder, like
   * `current/bin/cleanup`. The pattern is that of `infra/documents/common.sh`.
   */
  cleanup: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/,
      "a cleanup hook is a file below the service's folder, like current/bin/cleanup",
    )
    .refine(
      (path) => !`/${path}/`.includes('/../'),
      "a cleanup hook stays below the service's folder",
    )
    .optional(),
  /** In the Ledger; `{environment}` and `{service}` are filled in. */
  path: LedgerPath.default('manifest.{environment}.yaml'),
  key: LedgerKey.default('{service}.version'),
};

/** Containers by docker compose. */
export const ComposeTarget = z.strictObject({
  ...onHosts,
  /** The compose file, in the Ledger. */
  file: LedgerPath,
  /** On the hosts. */
  folder: folder(10),
  /** The variable of the compose file that names the image's tag. */
  variable: z
    .string()
    .regex(
      /^(?!(?:IMAGE|IMAGE_DIGEST|PATH)$|COMPOSE_)[A-Z_][A-Z0-9_]{0,63}$/,
      'a variable is written like IMAGE_TAG; IMAGE, IMAGE_DIGEST, PATH and COMPOSE_… mean something else',
    )
    .default('IMAGE_TAG'),
  /** Parameters below this path become the services' environment. */
  parameters: z
    .string()
    .max(200)
    .regex(
      /^(?:\/(?:\w|\{(?:environment|service)\})(?:[\w.-]|\{(?:environment|service)\})*){1,15}$/,
      'a parameter path is written like /forge/{environment}/dagster',
    )
    .optional(),
});

/** A tarball that a systemd unit runs; folder and unit are made by provisioning. */
export const SystemdTarget = z.strictObject({
  ...onHosts,
  folder: folder(8).optional(),
  unit: z
    .string()
    .regex(/^[a-z][\w@.-]{0,80}\.service$/, 'a unit is written like wardnet-relay.service')
    .optional(),
  /** Releases that stay on a host. */
  keep: z.int().min(2).max(99).default(5),
  /** Folder, user, unit, descriptor and credential, where Conveyor puts them on the hosts as well. */
  provision: Provision.optional(),
});
