package io.leasehold.cli.command;

import java.io.InputStream;
import java.io.PrintStream;

/** Where a run reads from and writes to. */
public record Terminal(InputStream in, PrintStream out, PrintStream err) {}
