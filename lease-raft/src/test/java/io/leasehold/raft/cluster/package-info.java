/** Real members in one JVM on loopback, and what tests do to them. */
package io.leasehold.raft.cluster;
