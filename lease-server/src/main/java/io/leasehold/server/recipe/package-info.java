/**
 * Locks and elections: lines of keys under a prefix, each on the lease of whoever stands in it. The
 * first in line holds the lock, or leads.
 */
@NullMarked
package io.leasehold.server.recipe;

import org.jspecify.annotations.NullMarked;
