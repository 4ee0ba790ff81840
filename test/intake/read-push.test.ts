import { describe, expect, it } from 'vitest';
import { ImagePushed, readPush } from '../../lambdas/intake/read-push.ts';

/** As EventBridge delivers it (Amazon ECR user guide, "Sample events"). */
const event = {
  version: '0',
  id: '13cde686-328b-6117-af20-0e5566167482',
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '222222222222',
  time: '2026-03-01T13:00:00+01:00',
  region: 'us-east-1',
  resources: [],
  detail: {
    'action-type': 'PUSH',
    result: 'SUCCESS',
    'repository-name': 'shop/payments',
    'image-digest': `sha256:${'a'.repeat(64)}`,
    'image-tag': '41',
  },
};

describe('an ECR event', () => {
  it('is read as a push, its time in UTC', () => {
    expect(readPush(ImagePushed.parse(event))).toEqual({
      account: '222222222222',
      region: 'us-east-1',
      repository: 'shop/payments',
      digest: event.detail['image-digest'],
      tag: '41',
      at: '2026-03-01T12:00:00.000Z',
      announcedBy: 'event',
    });
  });

  it('of a manifest without a tag has none', () => {
    const { 'image-tag': _, ...detail } = event.detail;

    expect(readPush(ImagePushed.parse({ ...event, detail }))).not.toHaveProperty('tag');
  });

  it.each<[string, object]>([
    ['another source', { source: 'custom.ecr' }],
    ['another type', { 'detail-type': 'ECR Image Scan' }],
    ['a deletion', { detail: { ...event.detail, 'action-type': 'DELETE' } }],
    ['a failure', { detail: { ...event.detail, result: 'FAILURE' } }],
    ['no digest', { detail: { ...event.detail, 'image-digest': 'sha256:short' } }],
    ['a time that is none', { time: 'yesterday' }],
  ])('of %s is not taken', (_, change) => {
    expect(ImagePushed.safeParse({ ...event, ...change }).success).toBe(false);
  });
});
