/**
 * What is measured: each {@link io.leasehold.bench.scenario.Scenario} is one entry of {@link
 * io.leasehold.bench.scenario.Scenarios}, and does its work with the tools of a {@link
 * io.leasehold.bench.scenario.Bench}. Scenarios run on the main thread; the load they make, on
 * event loops.
 */
@NullMarked
package io.leasehold.bench.scenario;

import org.jspecify.annotations.NullMarked;
