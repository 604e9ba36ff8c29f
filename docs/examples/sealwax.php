<?php
/**
 * Plugin Name:       Sealwax Forms
 * Description:       Shows forms of a Sealwax server in posts and pages: [sealwax form="shop/contact"].
 * Version:           1.0.0
 * Requires at least: 6.3
 * Requires PHP:      7.4
 * License:           MIT OR Apache-2.0
 * Text Domain:       sealwax
 *
 * How to use it:
 *
 * 1. Put this file into wp-content/plugins/ and activate the plugin.
 * 2. Name your server in wp-config.php: define( 'SEALWAX_SERVER', 'https://forms.example' );
 *    or in the option `sealwax_server`. The filter `sealwax_server` has the last word.
 * 3. Put your blog's origin, such as https://shop.example, into the site's `allowed_origins`.
 * 4. Write a shortcode: [sealwax form="shop/contact" label="Write to us" field-topic="advice"]
 *
 * @package Sealwax
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/**
 * The address of the server that has the forms.
 *
 * @return string Without a slash at its end.
 */
function sealwax_server() {
	$server = defined( 'SEALWAX_SERVER' ) ? SEALWAX_SERVER : get_option( 'sealwax_server', 'https://forms.example' );
	return untrailingslashit( (string) apply_filters( 'sealwax_server', $server ) );
}

/**
 * The shortcode [sealwax].
 *
 * @param array|string $atts What the author wrote; field-… are answers to begin with.
 * @return string The element, with a link for those whose browser shows no form.
 */
function sealwax_shortcode( $atts ) {
	$given   = (array) $atts;
	$options = shortcode_atts(
		array_fill_keys( array( 'form', 'lang', 'theme', 'mode', 'label', 'touchpoint', 'scroll-offset' ), '' ),
		$given,
		'sealwax'
	);
	if ( ! preg_match( '#^[\w-]+/[\w-]+$#D', $options['form'] ) ) {
		return '';
	}
	foreach ( $given as $name => $value ) {
		if ( 0 === strpos( (string) $name, 'field-' ) ) {
			$options[ 'data-' . sanitize_key( $name ) ] = $value;
		}
	}

	$attributes = '';
	foreach ( $options as $name => $value ) {
		if ( '' !== $value ) {
			$attributes .= sprintf( ' %s="%s"', esc_attr( $name ), esc_attr( $value ) );
		}
	}
	// However many forms a page has, WordPress loads the script once.
	wp_enqueue_script( 'sealwax', sealwax_server() . '/embed.js', array(), null, array( 'strategy' => 'async' ) ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- the server says how long it may be kept.

	$label = '' !== $options['label'] ? $options['label'] : __( 'Open the form', 'sealwax' );
	return sprintf(
		'<sealwax-form%s><a href="%s">%s</a></sealwax-form>',
		$attributes, // Each part is escaped above.
		esc_url( sealwax_server() . '/f/' . $options['form'] ),
		esc_html( $label )
	);
}
add_shortcode( 'sealwax', 'sealwax_shortcode' );
