/**
 * A deterministic simulation of a cluster around the real domain: members with clocks of their own,
 * a model of the replicated log, faulty messages, pauses, restarts and leader changes, all from one
 * seed and on one thread. Entry: {@link io.leasehold.core.sim.Simulation}.
 */
package io.leasehold.core.sim;
