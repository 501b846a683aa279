import { expect, test } from 'vitest';
import { followLicenses } from '../../../src/domain/licenses/follow.ts';
import { openNode } from '../../support/node.ts';

test('what another process changes is dropped when the log tells of it, and nothing else is', async () => {
  await using node = await openNode();
  const forgotten: string[] = [];
  const cache = { forget: (customerId: string) => void forgotten.push(customerId) };
  using follow = followLicenses({ ...node, cache });
  follow.see(node.organizationId);
  follow.see(node.organizationId);
  await expect
    .poll(async () => {
      await node.happen('license_key.disabled', { customerId: 'cus_1' });
      return forgotten;
    })
    .toContain('cus_1');
  await node.happen('thing.happened', { customerId: 'cus_2' });
  await node.happen('benefit_grant.updated', { customerId: 'cus_3' });
  await expect.poll(() => forgotten).toContain('cus_3');
  expect(forgotten).not.toContain('cus_2');
});
