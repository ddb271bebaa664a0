/**
 * Runs: a plan, a cluster, clients and faults at once, a history, and a verdict on it. Entry class:
 * {@link io.leasehold.jepsen.run.Main}.
 */
@NullMarked
package io.leasehold.jepsen.run;

import org.jspecify.annotations.NullMarked;
