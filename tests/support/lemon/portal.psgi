# The portal of LemonLDAP::NG 2.16 as the tests run it, with what that version gets wrong put right.
use strict;
use warnings;

use Lemonldap::NG::Portal::Lib::CAS;
use Lemonldap::NG::Portal::Lib::LDAP;
use Lemonldap::NG::Portal::Main;
use Net::LDAP::Util qw(escape_filter_value);
use Plack::App::File;

# Replaces NAME by what WRAP makes of it.
sub wrapped {
    my ( $name, $wrap ) = @_;
    no strict 'refs';
    no warnings 'redefine';
    my $inner = \&{"Lemonldap::NG::Portal::$name"};
    *{"Lemonldap::NG::Portal::$name"} = $wrap->($inner);
}

# A user name is part of the filter as it was typed: "star*" would find everybody whose name begins so.
wrapped 'Lib::LDAP::_buildFilter' => sub {
    my $build = shift;
    sub {
        my $filter = $build->(@_);
        sub {
            my $request = shift;
            local $request->{user} = escape_filter_value( $request->{user} // '' );
            $filter->($request);
        }
    }
};

# What is told of people goes into the XML of CAS as it is, so that a group with a "<" breaks it.
my %entity = ( '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;' );
sub as_xml { my $text = shift; $text =~ s/([&<>"])/$entity{$1}/g if defined $text; $text }
wrapped 'Lib::CAS::returnCasServiceValidateSuccess' => sub {
    my $answer = shift;
    sub {
        my ( $self, $request, $user, $ticket, $proxies, $attributes ) = @_;
        my %escaped = map { $_ => as_xml( $attributes->{$_} ) } keys %{ $attributes // {} };
        $answer->( $self, $request, as_xml($user), $ticket, as_xml($proxies), $attributes && \%escaped );
    }
} unless $ENV{PORTAL_RAW_XML};

# A cookie for the domain "localhost" is taken by no client; one for the host is.
wrapped 'Main::cookie' => sub {
    my $make = shift;
    sub { my ( $self, %cookie ) = @_; delete $cookie{domain}; $make->( $self, %cookie ) }
};

my $portal = Lemonldap::NG::Portal::Main->run( {} );

# The test waits for this line of each worker.
syswrite STDOUT, "ready\n";

# The scripts that send its forms on, for those who come with a browser.
my %files = (
    static     => '/usr/share/lemonldap-ng/portal/htdocs/static',
    javascript => '/usr/share/javascript',
);
$_ = Plack::App::File->new( root => $_ )->to_app for values %files;

sub {
    my $env = shift;
    return $files{$1}->( { %$env, PATH_INFO => $2 } ) if $env->{PATH_INFO} =~ m{^/+(static|javascript)(/.*)$};
    $env->{REQUEST_URI} //= $env->{PATH_INFO};
    $env->{SCRIPT_NAME} = '';
    my $answer = $portal->($env);
    # Over TLS the length is counted in characters unless these are bytes already.
    if ( ref $answer eq 'ARRAY' && ref $answer->[2] eq 'ARRAY' ) {
        utf8::downgrade( $_, 1 ) || utf8::encode($_) for @{ $answer->[2] };
    }
    $answer;
};
