/**
 * A cluster of real members in the JVM of a test. {@link io.leasehold.testkit.LeaseholdCluster} is
 * all there is to know; the rest is how it is done.
 */
@NullMarked
package io.leasehold.testkit;

import org.jspecify.annotations.NullMarked;
