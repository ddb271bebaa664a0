/** The clocks of this machine. Nobody else in the command line reads one. */
@NullMarked
package io.leasehold.cli.time;

import org.jspecify.annotations.NullMarked;
