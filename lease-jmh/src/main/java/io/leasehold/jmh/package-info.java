/**
 * Micro-benchmarks of what a member does most. Each state is one made with the core's own classes,
 * on one thread, with a clock that stands where the benchmark puts it.
 */
@NullMarked
package io.leasehold.jmh;

import org.jspecify.annotations.NullMarked;
