/** What is measured: members of our own, which can be killed, or somebody's at given addresses. */
@NullMarked
package io.leasehold.bench.cluster;

import org.jspecify.annotations.NullMarked;
