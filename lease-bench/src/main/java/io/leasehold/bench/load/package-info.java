/**
 * Load: {@link io.leasehold.bench.load.Lane}s that do one thing after the other, and {@link
 * io.leasehold.bench.load.Load}, which keeps many of them going, as fast as they can or at a fixed
 * rate, and takes account of them.
 */
@NullMarked
package io.leasehold.bench.load;

import org.jspecify.annotations.NullMarked;
