/** What services do with a cluster, each in a program of its own. */
@NullMarked
package io.leasehold.examples;

import org.jspecify.annotations.NullMarked;
