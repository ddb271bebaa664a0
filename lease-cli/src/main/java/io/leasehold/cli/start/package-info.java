/** What is done once so that every later start is fast. No command needs it. */
@NullMarked
package io.leasehold.cli.start;

import org.jspecify.annotations.NullMarked;
