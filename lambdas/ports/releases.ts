import type { EnvironmentName, ServiceName, Version } from '../domain/names.ts';
import type { Promotion, Refusal, Release } from '../domain/promotion.ts';

export type Admission =
  /** First seen now, or seen before with the same digest; with the promotion that its first stage got, if it promotes by itself. */
  | { readonly outcome: 'new' | 'known'; readonly release: Release; readonly promotion?: Promotion }
  /** The version is known with another digest: the tag was moved. */
  | { readonly outcome: 'moved'; readonly release: Release };

/** Every release and every refused push ever seen. */
export interface Releases {
  /**
   * One conditional write makes the release and, where `promotion` is given, that promotion, standing in its line.
   * The same call again, at any time and from anywhere, finds what the first one made.
   */
  admit(release: Release, promotion?: Promotion): Promise<Admission>;
  find(service: ServiceName, version: Version): Promise<Release | undefined>;
  /** Newest first. */
  list(service: ServiceName, limit: number): Promise<readonly Release[]>;
  /** Keyed by account, repository, tag and digest: told twice, kept once. */
  refuse(refusal: Refusal): Promise<void>;
  /**
   * Since when this service's source is watched: the oldest of what was ever said here. What was pushed before is an
   * inheritance, not something missed.
   */
  watchedSince(service: ServiceName, at: string): Promise<string>;
  /** Newest first. */
  refusals(limit: number): Promise<readonly Refusal[]>;
}

export interface PromotionRef {
  readonly promotion: Promotion['id'];
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
}
