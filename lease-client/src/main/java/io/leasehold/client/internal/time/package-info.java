/** Where clocks and random numbers enter the client: one class each. */
@NullMarked
package io.leasehold.client.internal.time;

import org.jspecify.annotations.NullMarked;
