import type { InstanceId } from '../domain/rollout.ts';

/** A host as EC2 and SSM list it. */
export interface Host {
  readonly instance: InstanceId;
  /** Its Name tag. */
  readonly name?: string;
  /** Availability zone. */
  readonly zone: string;
  /** Its SSM agent answers: a command would be taken. */
  readonly online: boolean;
  /** When the agent was last heard of. */
  readonly lastSeen?: string;
}

/** The hosts of one environment. */
export interface Hosts {
  /**
   * All that carry the tag (`key=value`) and are not terminated, by instance id; whether they can be reached or not.
   * @throws Unavailable
   */
  tagged(tag: string): Promise<readonly Host[]>;
}
