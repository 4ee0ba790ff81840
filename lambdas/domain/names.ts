import * as z from 'zod';

/** A service's name as `conveyor.yaml` writes it: a DNS label, so that it fits every name derived from it. */
export const ServiceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a service is named by lower-case letters, digits and dashes, at most 40',
  )
  .brand<'ServiceName'>();
export type ServiceName = z.infer<typeof ServiceName>;

/** An environment's name; ≤ 24 so that `ConveyorDeployRole-<env>` stays within IAM's 64. */
export const EnvironmentName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,23}$/,
    'an environment is named by lower-case letters, digits and dashes, at most 24',
  )
  .brand<'EnvironmentName'>();
export type EnvironmentName = z.infer<typeof EnvironmentName>;

/** A release's version: a BuildId or a git SHA, always a legal OCI tag (distribution-spec 1.1, "tag"). */
export const Version = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'a version must be a legal image tag')
  .brand<'Version'>();
export type Version = z.infer<typeof Version>;

export const AccountId = z
  .string()
  .regex(/^\d{12}$/, 'an AWS account id has 12 digits')
  .brand<'AccountId'>();
export type AccountId = z.infer<typeof AccountId>;

export const Region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region is written like eu-west-1')
  .brand<'Region'>();
export type Region = z.infer<typeof Region>;

/** `p_` + ULID: names the promotion, its execution, its STS session and its commit trailer. */
export const PromotionId = z
  .string()
  .regex(/^p_[0-9A-HJKMNP-TV-Z]{26}$/, 'a promotion id is p_ followed by a ULID')
  .brand<'PromotionId'>();
export type PromotionId = z.infer<typeof PromotionId>;

/** ECR's repository name (AmazonECR API, `repositoryName`): 2 to 256 characters, lower case. */
export const RepositoryName = z
  .string()
  .min(2)
  .max(256)
  .regex(
    /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
    'a repository name has lower-case letters, digits, and single . _ - / between them',
  )
  .brand<'RepositoryName'>();
export type RepositoryName = z.infer<typeof RepositoryName>;

/** A person's key under `people:`; the pseudonym that records keep. */
export const PersonName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,63}$/, 'a person is named by lower-case letters, digits, . _ -')
  .brand<'PersonName'>();
export type PersonName = z.infer<typeof PersonName>;
