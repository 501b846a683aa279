import { ConflictError, InvalidInputError } from '../../lib/errors.ts';
import type { Level } from '../../providers/github/levels.ts';
import type { Means } from '../means.ts';
import { problemOf } from '../provider-problem.ts';

interface Named {
  owner: string;
  name: string;
  permission: Level;
}

/** Makes sure that our App can administer each repository, and notes the numbers no renaming changes. */
export async function inspectRepositories<Given extends Named>(
  { repositories }: { repositories: Given[] },
  { github }: Means,
) {
  if (!github) {
    throw new ConflictError(
      'GitHub is not configured: whoever runs Boon sets GITHUB_APP_ID and what belongs to it; docs/github.md walks through it.',
      ['repositories'],
    );
  }
  const seen = new Set<string>();
  const found = [];
  for (const [index, given] of repositories.entries()) {
    const path = ['repositories', String(index)];
    try {
      const repository = await github.repositories.find(given);
      if (repository.isPersonal)
        throw new InvalidInputError(
          'It belongs to a person. GitHub lets everybody who is invited there write; move it to an organization.',
          [...path, 'owner'],
        );
      if (seen.has(repository.id)) throw new InvalidInputError('It is named twice.', [...path, 'name']);
      seen.add(repository.id);
      const { id, owner, name, ownerId } = repository;
      found.push({ ...given, owner, name, repositoryId: id, ownerId });
    } catch (error) {
      if (error instanceof InvalidInputError) throw error;
      const { who, code, message } = problemOf(error);
      if (who === 'SYSTEM') throw new ConflictError(message, path);
      throw new InvalidInputError(message, [...path, code === 'APP_NOT_INSTALLED' ? 'owner' : 'name']);
    }
  }
  return { repositories: found };
}
