/**
 * The load generator: {@link io.leasehold.bench.Main} reads the command line and puts the rest
 * together.
 */
@NullMarked
package io.leasehold.bench;

import org.jspecify.annotations.NullMarked;
