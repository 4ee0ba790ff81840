import * as z from 'zod';
import { Digest } from '../domain/digest.ts';

/**
 * "ECR Image Action" as EventBridge delivers it (Amazon ECR user guide, "Amazon ECR events and EventBridge").
 * `image-tag` is absent when a manifest was pushed by digest.
 */
export const ImagePushed = z.object({
  source: z.literal('aws.ecr'),
  'detail-type': z.literal('ECR Image Action'),
  account: z.string(),
  region: z.string(),
  time: z.iso.datetime({ offset: true }),
  detail: z.object({
    'action-type': z.literal('PUSH'),
    result: z.literal('SUCCESS'),
    'repository-name': z.string(),
    'image-digest': Digest,
    'image-tag': z.string().optional(),
  }),
});

/** One push, however Conveyor learned of it. */
export interface Push {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly tag?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly announcedBy: 'event' | 'sweep';
}

export function readPush(event: z.output<typeof ImagePushed>): Push {
  const tag = event.detail['image-tag'];
  return {
    account: event.account,
    region: event.region,
    repository: event.detail['repository-name'],
    digest: event.detail['image-digest'],
    ...(tag !== undefined && { tag }),
    at: new Date(event.time).toISOString(),
    announcedBy: 'event',
  };
}
