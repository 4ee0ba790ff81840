import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** One thing a function may do, with the variables that tell it where. */
export interface Grant {
  readonly environment?: Readonly<Record<string, string>>;
  readonly policy: readonly PolicyStatement[];
  /** cdk-nag findings about wildcards in `policy`, each with the reason why it stands. @default none */
  readonly accepted?: readonly Accepted[];
}

export interface Accepted {
  /** `Rule` or `Rule[Detail]`, as cdk-nag names it. */
  readonly finding: string;
  readonly reason: string;
}
