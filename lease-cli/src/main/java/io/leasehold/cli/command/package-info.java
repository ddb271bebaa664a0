/** The commands, a class for each group, and what they share. */
@NullMarked
package io.leasehold.cli.command;

import org.jspecify.annotations.NullMarked;
