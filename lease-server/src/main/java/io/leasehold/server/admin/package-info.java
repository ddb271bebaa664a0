/**
 * The admin port: metrics and health over plain HTTP, on threads of its own that may block. Entry
 * class: {@link io.leasehold.server.admin.AdminPort}.
 */
@NullMarked
package io.leasehold.server.admin;

import org.jspecify.annotations.NullMarked;
