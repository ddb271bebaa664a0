/**
 * Clusters to break: real members, what can be done to them from outside, and what they say of
 * themselves. Entry class: {@link io.leasehold.jepsen.cluster.TestCluster}; {@link
 * io.leasehold.jepsen.cluster.Backend} opens one.
 */
@NullMarked
package io.leasehold.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
