/** Tests of the clusters; those with real members end in {@code IT}. */
@NullMarked
package io.leasehold.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
