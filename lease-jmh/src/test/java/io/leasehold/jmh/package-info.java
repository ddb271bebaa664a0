/** Tests that the benchmarks still do what they say. */
@NullMarked
package io.leasehold.jmh;

import org.jspecify.annotations.NullMarked;
