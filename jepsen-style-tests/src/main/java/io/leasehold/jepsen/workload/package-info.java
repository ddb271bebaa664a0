/**
 * What clients do in a run. Each {@link io.leasehold.jepsen.workload.Workload} sets its players on
 * a {@link io.leasehold.jepsen.workload.Stage}, which ends them and knows what is to be read at the
 * end. What a player does is left to chance, and chance to the seed; what the cluster answers, and
 * so the history, is another one each time.
 */
@NullMarked
package io.leasehold.jepsen.workload;

import org.jspecify.annotations.NullMarked;
