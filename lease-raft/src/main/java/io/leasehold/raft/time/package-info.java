/** Where clocks and random numbers enter the process: one class each. */
@NullMarked
package io.leasehold.raft.time;

import org.jspecify.annotations.NullMarked;
