import { describe, expect, it } from 'vitest';
import { ComposeTarget, SystemdTarget } from '../../lambdas/domain/host-target.ts';

const hosts = 'team:service=true';
const url = 'http://127.0.0.1:8080/health';
const systemd = (more: object) => SystemdTarget.safeParse({ hosts, ...more });
const compose = (more: object) =>
  ComposeTarget.safeParse({ hosts, file: 'hosts/a.yaml', folder: '/srv/a', ...more });

/** `test/hosts/engine-and-script.test.ts` has the hosts' scripts take the furthest that is allowed here. */
describe('a target on hosts', () => {
  it.each([
    ['a part that begins with a dash', '/srv/-rf'],
    ['a part that begins with a dot', '/srv/.hidden'],
    ['one part', '/srv'],
    ['the way up', '/srv/a/../b'],
    ['eleven parts', '/a/b/c/d/e/f/g/h/i/j/k'],
  ])('has no folder that a host would refuse: %s', (_, folder) => {
    expect(compose({ folder }).success).toBe(false);
    expect(systemd({ folder }).success).toBe(false);
  });

  it('is as deep as its kind of host takes it', () => {
    expect(compose({ folder: '/a/b/c/d/e/f/g/h/i/j' }).success).toBe(true);
    expect(systemd({ folder: '/a/b/c/d/e/f/g/h/i' }).success).toBe(false);
    expect(systemd({ folder: '/a/b/c/d/e/f/g/h' }).success).toBe(true);
  });

  it.each(['IMAGE', 'IMAGE_DIGEST', 'PATH', 'COMPOSE_PROJECT_NAME'])(
    'has no variable that means something else: %s',
    (variable) => {
      expect(compose({ variable }).success).toBe(false);
      expect(compose({ variable: `${variable.replace('COMPOSE', 'OWN')}_OF_SHOP` }).success).toBe(
        true,
      );
    },
  );

  it.each(['/', '/a//b', '/a/-b', '/a/', '/{place}/a', '/a/{service', `/a${'/b'.repeat(15)}`])(
    'has no parameter path that a host would refuse: %s',
    (parameters) => {
      expect(compose({ parameters }).success).toBe(false);
    },
  );

  it('waits an hour for health at most, and keeps 99 releases at most', () => {
    expect(systemd({ health: { url, within: '60m' }, keep: 99 }).success).toBe(true);
    expect(systemd({ health: { url, within: '61m' } }).success).toBe(false);
    expect(systemd({ keep: 100 }).success).toBe(false);
  });
});
