/** leasectl: from the words of a command line to a command, and from its end to an exit code. */
@NullMarked
package io.leasehold.cli;

import org.jspecify.annotations.NullMarked;
