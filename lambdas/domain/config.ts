import * as z from 'zod';
import { provisionProblems } from './check-provision.ts';
import { Duration } from './duration.ts';
import { AccountId, EnvironmentName, PersonName, Region, ServiceName } from './names.ts';
import { Service } from './service-config.ts';

/** An SSM parameter's name. The secret's value is never in `conveyor.yaml`. */
const SecretName = z
  .string()
  .regex(
    /^\/[A-Za-z0-9._/-]{1,1000}$/,
    'a secret is named by its SSM parameter, like /conveyor/github/token',
  );

const GroupName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'a group is named by lower-case letters, digits and dashes');

const BucketName = z.string().min(3).max(63);

export const Approval = z.strictObject({
  /** A group, or people by name. */
  approvers: z.union([GroupName, z.array(PersonName).min(1)]),
  /** How many of them must say yes. */
  minimum: z.int().min(1).max(10).default(1),
  /** Whether who asked may also say yes. */
  selfApproval: z.boolean().default(false),
  /** `false`: asked for only when the request says so (`conveyor promote --approval`). */
  required: z.boolean().default(true),
  /** No answer by then is an answer: the promotion expires. */
  expires: Duration.default(86_400),
});

const Environment = z.strictObject({
  account: AccountId,
  region: Region,
  promotion: z.enum(['auto', 'manual']).default('manual'),
  /** `every`: each release lands, in order. `latest`: an older one that still waits is superseded. */
  strategy: z.enum(['latest', 'every']).default('latest'),
  approval: Approval.optional(),
  argocd: z.strictObject({ sync: z.enum(['auto', 'manual']).default('auto') }).prefault({}),
  /** `existing`: repositories are there already; only the role and the rules are added. */
  repositories: z.enum(['create', 'existing']).default('create'),
  releaseBucket: z
    .union([z.literal('create'), z.strictObject({ existing: BucketName })])
    .default('create'),
});

const Person = z.strictObject({
  name: z.string().min(1).max(100),
  email: z.email(),
  /**
   * Who this is to AWS: role or session ARNs; one `*` may end it (IAM Identity Center's sessions end in the user's name,
   * so write those in full).
   */
  principals: z
    .array(
      z
        .string()
        .regex(
          /^arn:[a-z-]+:(iam|sts)::\d{12}:[\w+=,.@/-]+\*?$/,
          'a principal is an IAM or STS ARN',
        ),
    )
    .default([]),
});

const GithubAuth = z.union([
  z.strictObject({ token: SecretName }),
  z.strictObject({
    app: z.strictObject({
      id: z.int().positive(),
      installation: z.int().positive(),
      privateKey: SecretName,
    }),
  }),
]);

/** Where CI puts tarballs, once each. */
const ReleaseStore = z.strictObject({
  /** A bucket in the tools account. */
  s3: z.union([z.literal('create'), z.strictObject({ existing: BucketName })]).default('create'),
  r2: z
    .strictObject({
      /** Cloudflare's account id. */
      account: z.string().regex(/^[0-9a-f]{32}$/, 'a Cloudflare account id has 32 hex digits'),
      bucket: BucketName,
      /** Where it is not https://ACCOUNT.r2.cloudflarestorage.com: a jurisdiction has one of its own. */
      endpoint: z.url().optional(),
      accessKeyId: SecretName,
      secretAccessKey: SecretName,
      /** What the worker signs with: the newest first, during a rotation the one before as well. */
      webhook: z.array(SecretName).min(1).max(2),
      /** Uploads that one secret may tell of; a batch of the worker may have 100. */
      eventsPerMinute: z.int().min(100).max(100_000).default(1_000),
    })
    .optional(),
  /** Releases of a service that are kept beside those that run anywhere. */
  keep: z.int().min(1).max(1_000).default(20),
});

/** `conveyor.yaml`, whole. References between its parts are checked by `checkReferences`. */
export const ConveyorConfig = z.strictObject({
  apiVersion: z.literal('conveyor/v1'),
  tools: z.strictObject({ account: AccountId, region: Region }),
  ledger: z.strictObject({
    github: z.strictObject({
      owner: z.string().regex(/^[A-Za-z0-9-]{1,39}$/),
      repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
      branch: z.string().min(1).max(200).default('main'),
      /** GitHub Enterprise Server writes https://HOST/api/v3. */
      apiUrl: z.url().default('https://api.github.com'),
      auth: GithubAuth,
    }),
  }),
  argocd: z.strictObject({ server: z.url(), token: SecretName }).optional(),
  notifications: z
    .strictObject({
      slack: z
        .strictObject({ webhook: SecretName, channel: z.string().default('#platform-support') })
        .optional(),
      /** Mail addresses that hear of failures. */
      email: z.array(z.email()).default([]),
    })
    .prefault({}),
  people: z.record(PersonName, Person).default({}),
  groups: z.record(GroupName, z.array(PersonName).min(1)).default({}),
  releaseStore: ReleaseStore.prefault({}),
  environments: z.record(EnvironmentName, Environment),
  services: z.record(ServiceName, Service),
  sweep: z
    .strictObject({
      every: Duration.refine(
        (seconds) => seconds >= 60 && seconds % 60 === 0,
        'EventBridge counts whole minutes: write 1m or more, like 15m',
      ).default(900),
    })
    .prefault({}),
  /** Where docs/ is published for your people; runbook links in notices lead there. */
  docs: z.url().optional(),
});

export type ConveyorConfig = z.infer<typeof ConveyorConfig>;
export type EnvironmentConfig = ConveyorConfig['environments'][EnvironmentName];
export type ServiceConfig = ConveyorConfig['services'][ServiceName];
export type ApprovalConfig = z.infer<typeof Approval>;

/** A sentence for each reference that leads nowhere, with the path of the value at fault. Empty: all is well. */
export function checkReferences(
  config: ConveyorConfig,
): readonly { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = [];
  const environments = Object.keys(config.environments);
  const known = (names: readonly string[]) =>
    names.length === 0 ? 'none is declared' : `declared: ${names.join(', ')}`;

  for (const [group, members] of Object.entries(config.groups)) {
    members.forEach((person, i) => {
      if (!Object.hasOwn(config.people, person))
        problems.push({
          path: ['groups', group, i],
          message: `nobody under people: is called ${person} (${known(Object.keys(config.people))})`,
        });
    });
  }
  for (const [name, environment] of Object.entries(config.environments)) {
    const approval = environment.approval;
    if (approval === undefined) continue;
    const path = ['environments', name, 'approval', 'approvers'];
    if (typeof approval.approvers === 'string' && !Object.hasOwn(config.groups, approval.approvers))
      problems.push({
        path,
        message: `no group is called ${approval.approvers} (${known(Object.keys(config.groups))})`,
      });
    const people = [...new Set(approversOf(config, approval))];
    for (const person of people)
      if (!Object.hasOwn(config.people, person))
        problems.push({
          path,
          message: `nobody under people: is called ${person} (${known(Object.keys(config.people))})`,
        });
    if (people.length < approval.minimum)
      problems.push({
        path: ['environments', name, 'approval', 'minimum'],
        message: `${approval.minimum} approvals are asked of ${people.length} people`,
      });
  }
  const images = new Map<string, string>();
  for (const [name, service] of Object.entries(config.services)) {
    service.stages.forEach((stage, i) => {
      if (!environments.includes(stage))
        problems.push({
          path: ['services', name, 'stages', i],
          message: `no environment is called ${stage} (${known(environments)})`,
        });
      if (service.stages.indexOf(stage) !== i)
        problems.push({
          path: ['services', name, 'stages', i],
          message: `${stage} is a stage twice`,
        });
    });
    const { image, tarball } = service.artifact;
    const other = image && images.get(image);
    if (other !== undefined)
      problems.push({
        path: ['services', name, 'artifact', 'image'],
        message: `${image} is already the image of ${other}`,
      });
    if (image !== undefined) images.set(image, name);
    if (tarball === 'r2' && config.releaseStore.r2 === undefined)
      problems.push({
        path: ['services', name, 'artifact', 'tarball'],
        message: 'R2 is not set up; write releaseStore.r2, or s3 here',
      });
    problems.push(...provisionProblems(config, name, service));
    const { argocd, compose, systemd } = service.target;
    if (tarball !== undefined && argocd !== undefined)
      problems.push({
        path: ['services', name, 'target', 'argocd'],
        message: 'Argo CD runs images; the target of a tarball is store or systemd',
      });
    if (tarball !== undefined && compose !== undefined)
      problems.push({
        path: ['services', name, 'target', 'compose'],
        message: 'docker compose runs images; the target of a tarball is store or systemd',
      });
    if (tarball === undefined && systemd !== undefined)
      problems.push({
        path: ['services', name, 'target', 'systemd'],
        message:
          'a systemd unit runs what is in a tarball; the target of an image is argocd or compose',
      });
  }
  return problems;
}

/** The people an approval may come from. */
export function approversOf(
  config: ConveyorConfig,
  approval: ApprovalConfig,
): readonly PersonName[] {
  if (typeof approval.approvers !== 'string') return approval.approvers;
  return Object.hasOwn(config.groups, approval.approvers)
    ? (config.groups[approval.approvers] ?? [])
    : [];
}
