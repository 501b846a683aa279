/**
 * What stands first in a Map that is filled at its end and emptied from its front; undefined when it is empty. A walk
 * that begins anew steps over every place that has become free since the Map was last tidied up, which are thousands
 * in a busy one: this walk goes on where it was. What it found first is first for as long as it is there as the same value:
 * whoever is put in again comes last, and by then is another one.
 */
export function oldestIn<Key, Value>(map: ReadonlyMap<Key, Value>): () => [Key, Value] | undefined {
  let walk = map.entries();
  let first: [Key, Value] | undefined;
  return () => {
    while (map.size > 0 && (!first || map.get(first[0]) !== first[1])) {
      const { done, value } = walk.next();
      // Whoever comes after the end of a walk is not met by it.
      if (done) walk = map.entries();
      first = value;
    }
    return map.size > 0 ? first : undefined;
  };
}
