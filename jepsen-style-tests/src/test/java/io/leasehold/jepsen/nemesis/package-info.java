/** Tests of the faults; those with real members end in {@code IT}. */
@NullMarked
package io.leasehold.jepsen.nemesis;

import org.jspecify.annotations.NullMarked;
