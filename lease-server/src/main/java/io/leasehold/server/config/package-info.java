/**
 * Settings: the table of options, where their values come from, and what they must satisfy.
 *
 * <p>Entry class: {@link io.leasehold.server.config.ServerConfig}. Used while starting, on one
 * thread.
 */
@NullMarked
package io.leasehold.server.config;

import org.jspecify.annotations.NullMarked;
