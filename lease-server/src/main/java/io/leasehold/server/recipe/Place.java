package io.leasehold.server.recipe;

import io.leasehold.core.key.Bytes;

/**
 * The first place in a line.
 *
 * @param key the key that stands for it; gone when the place is lost
 * @param createRevision the fencing token: grows with every holder
 * @param revision a revision at which the key was there and first
 */
public record Place(Bytes key, long createRevision, long revision) {}
