import { afterEach, describe, expect, it, vi } from 'vitest';
import { awsEnvironment, bareEnvironment } from '../../bin/twin/child-environment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the environment of the twin’s children', () => {
  it('has nothing of a real AWS or GitHub set-up', () => {
    const real = {
      AWS_PROFILE: 'production',
      AWS_SSO_SESSION: 'company',
      AWS_ACCESS_KEY_ID: 'AKIAREALREALREALREAL',
      AWS_SECRET_ACCESS_KEY: 'real',
      AWS_SESSION_TOKEN: 'real',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/real',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/real',
      AWS_ENDPOINT_URL_STS: 'https://sts.real.example',
      GITHUB_TOKEN: 'real',
    };
    for (const [name, value] of Object.entries(real)) vi.stubEnv(name, value);

    const aws = awsEnvironment(new URL('http://127.0.0.1:4566'), 'qa');

    expect(Object.keys(bareEnvironment()).filter((name) => /AWS|GITHUB/.test(name))).toEqual([]);
    expect(Object.values(aws).filter((value) => /real/i.test(value))).toEqual([]);
    expect(aws).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: '333333333333',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    expect(aws).not.toHaveProperty('AWS_PROFILE');
    expect(aws).not.toHaveProperty('AWS_SESSION_TOKEN');
  });
});
